// The sky: air, sun, stars, and clouds on a layer high above.
in vec3 ray;

out vec4 colour;

float stars(vec3 direction) {
  vec3 cell = floor(direction * 210.0);
  float chance = fract(sin(dot(cell, vec3(127.1, 311.7, 74.7))) * 43758.5453);
  vec3 inside = fract(direction * 210.0) - 0.5;
  return step(0.9965, chance) * smoothstep(0.45, 0.0, length(inside)) * (0.4 + 150.0 * (chance - 0.9965));
}

void main() {
  vec3 direction = normalize(ray);
  vec3 light = air(direction);
  float towards_sun = dot(direction, to_sun.xyz);
  light += sun.rgb * 9.0 * smoothstep(0.99955, 0.99975, towards_sun) * smoothstep(-0.02, 0.01, to_sun.y);
  light += vec3(0.75, 0.80, 0.95) * smoothstep(0.99965, 0.9998, -towards_sun) * sun.w;  // the moon stands opposite
  light += vec3(0.85, 0.90, 1.00) * stars(direction) * sun.w * smoothstep(0.0, 0.2, direction.y);

  if (direction.y > 0.01) {
    vec2 above = eye.xz + direction.xz / direction.y * 1500.0;
    float thick = cloud(above);
    float toward = cloud(above + to_sun.xz * 260.0);
    float fray = texture(grain, above / 900.0).r;
    thick *= smoothstep(0.10, 0.62, fray + 0.55 * thick);
    float bright = saturate(0.55 + 0.75 * (thick - toward)) * (0.65 + 0.6 * pow(saturate(towards_sun), 4.0));
    vec3 body = ambient.rgb * 1.25 + horizon.rgb * 0.25 + sun.rgb * 0.34 * bright;
    float shown = thick * 0.92 * smoothstep(0.01, 0.16, direction.y);
    light = mix(light, mix(air(direction), body, smoothstep(0.0, 0.22, direction.y)), shown);
  }
  colour = on_screen(light, 1.0);
}
