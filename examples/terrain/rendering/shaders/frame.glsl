#version 330 core
// Begins every shader: what one frame is made with.

// Positions are metres east, up and south of the camera: small numbers, however far it has flown.
layout(std140) uniform Frame {
  mat4 view_projection;
  vec4 eye;      // where the camera is; w: seconds since the start
  vec4 to_sun;   // w: its height, 1 is overhead
  vec4 sun;      // its light; w: how bright the stars are
  vec4 ambient;  // the sky's light; w: how far chunks are seen, in metres
  vec4 zenith;
  vec4 horizon;
};
