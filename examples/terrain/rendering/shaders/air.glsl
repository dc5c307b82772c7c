// In every fragment shader: the air that all is seen through, and the way to the screen.
uniform sampler2D grain;

float saturate(float value) { return clamp(value, 0.0, 1.0); }

// The clear sky in a direction, with the glow around the sun.
vec3 air(vec3 direction) {
  float up = max(direction.y, 0.0);
  float towards_sun = saturate(dot(direction, to_sun.xyz));
  float low = 1.0 - smoothstep(0.0, 0.35, to_sun.w);  // the sun: its light comes a long way through the haze
  vec3 colour = mix(horizon.rgb, zenith.rgb, 1.0 - exp(-3.6 * up));
  float away = 0.5 - 0.5 * dot(normalize(direction.xz + vec2(1e-4)), normalize(to_sun.xz + vec2(1e-4)));
  colour *= 1.0 - 0.35 * low * away * exp(-2.0 * up);
  colour += sun.rgb * (0.10 * low * exp(-5.0 * up) + 0.03) * pow(towards_sun, 5.0);
  colour += sun.rgb * 0.20 * pow(towards_sun, 48.0);
  return colour;
}

// What is left of a colour after `distance` metres of haze, which is thicker near the sea.
vec3 through_air(vec3 colour, vec3 direction, float distance) {
  float far = distance / ambient.w;
  float thin = exp(-max(eye.y + direction.y * distance, 0.0) / 900.0);
  float haze = 1.0 - exp(-(0.06 + 0.70 * thin) * far * (0.15 + far));
  haze = max(haze, smoothstep(0.72, 0.98, far));
  vec3 level = normalize(vec3(direction.x, max(direction.y, 0.015), direction.z));
  return mix(colour, air(level), haze);
}

// How much of the sky is cloud over a point, both in metres.
float cloud(vec2 place) {
  vec2 drift = vec2(9.0, 4.0) * eye.w;
  float wide = textureLod(grain, (place + drift) / 14000.0, 0.0).r;
  float fine = textureLod(grain, (place + 1.6 * drift) / 3300.0, 0.0).g;
  return smoothstep(0.50, 0.78, wide * 0.68 + fine * 0.34);
}

// From linear light to the screen: highlights roll off as on film, and a little noise hides the steps between bytes.
vec4 on_screen(vec3 light, float opacity) {
  vec3 film = max(mix(vec3(dot(light, vec3(0.2126, 0.7152, 0.0722))), light, 1.10), 0.0) * 0.95;
  film = film * (2.51 * film + 0.03) / (film * (2.43 * film + 0.59) + 0.14);
  vec3 shown = pow(clamp(film, 0.0, 1.0), vec3(1.0 / 2.2));
  float dither = fract(sin(dot(gl_FragCoord.xy, vec2(12.9898, 78.233))) * 43758.5453);
  return vec4(shown + (dither - 0.5) / 255.0, opacity);
}
