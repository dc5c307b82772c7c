// The sea over one chunk: its grid, laid flat.
layout(location = 0) in vec2 point;
layout(location = 1) in vec2 ground;

uniform vec2 origin;

out vec3 place;
out vec2 texel;
out float depth;  // metres of water; negative on land

void main() {
  place = vec3(origin.x + point.x, -eye.y, origin.y + point.y);
  texel = (point / 4.0 + 0.5) / 129.0;
  depth = -ground.x;
  gl_Position = view_projection * vec4(place, 1.0);
}
