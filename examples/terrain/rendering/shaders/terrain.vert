// Ground of one chunk.
layout(location = 0) in vec2 point;   // metres from the chunk's corner
layout(location = 1) in vec2 ground;  // height, moisture

uniform vec2 origin;  // of the chunk, from the camera

out vec3 place;  // from the camera
out vec2 texel;
out float moisture;

void main() {
  place = vec3(origin.x + point.x, ground.x - eye.y, origin.y + point.y);
  texel = (point / 4.0 + 0.5) / 129.0;
  moisture = ground.y;
  gl_Position = view_projection * vec4(place, 1.0);
}
