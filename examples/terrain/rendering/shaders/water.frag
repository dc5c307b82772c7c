// The sea: the sky in its waves, its floor through the shallows, foam along the shore.
uniform sampler2D surface;

in vec3 place;
in vec2 texel;
in float depth;

out vec4 colour;

vec2 slope_of_waves(vec2 at, float metres, vec2 drift) {
  return texture(grain, (at + drift * eye.w) / metres).ba * 2.0 - 1.0;
}

void main() {
  if (depth < -1.5) discard;
  vec2 world = place.xz + eye.xz;
  float distance = length(place);
  vec3 direction = place / distance;

  vec2 slope = 0.5 * slope_of_waves(world, 310.0, vec2(7.0, 3.0)) + 0.7 * slope_of_waves(world, 83.0, vec2(-3.0, 5.0)) +
               0.6 * slope_of_waves(world, 29.0, vec2(2.5, -2.0));
  vec3 normal = normalize(vec3(-0.085 * slope.x, 1.0, -0.085 * slope.y));
  float facing = saturate(dot(normal, -direction));
  float mirror = 0.02 + 0.98 * pow(1.0 - facing, 5.0);
  mirror *= 0.82;  // waves too small to see turn part of it away

  vec3 bounced = reflect(direction, normal);
  bounced.y = abs(bounced.y);
  vec3 sky = air(bounced);

  vec4 seen = texture(surface, texel);
  float barrier = to_sun.x > 0.0 ? seen.b : seen.a;
  float lit = smoothstep(barrier - 0.016, barrier + 0.030, to_sun.w);
  lit *= 1.0 - 0.62 * cloud(world + to_sun.xz / max(to_sun.y, 0.25) * 1400.0);

  float deep = 1.0 - exp(-max(depth, 0.0) / 9.0);
  vec3 body = mix(vec3(0.060, 0.190, 0.170), vec3(0.006, 0.034, 0.058), deep);
  body *= ambient.rgb * 1.4 + sun.rgb * lit * saturate(to_sun.y + 0.1) * 0.6;

  vec3 light = mix(body, sky, mirror);
  float glint = pow(saturate(dot(bounced, to_sun.xyz)), 260.0) * 3.2 + pow(saturate(dot(bounced, to_sun.xyz)), 36.0) * 0.09;
  light += sun.rgb * glint * lit;

  float lace = texture(grain, world / 17.0 + 0.02 * eye.w).r * 0.6 + texture(grain, world / 41.0 - 0.015 * eye.w).g * 0.6;
  float swash = depth + 0.35 * sin(0.9 * eye.w + 6.0 * lace);
  float foam = (1.0 - smoothstep(0.0, 1.5, swash)) * smoothstep(0.45, 0.75, lace);
  light = mix(light, (ambient.rgb + sun.rgb * lit * 0.3) * 0.85, foam * 0.8);

  float opacity = max(1.0 - exp(-0.55 * max(depth, 0.0)), mirror) * smoothstep(-0.3, 0.25, depth);
  colour = on_screen(through_air(light, direction, distance), max(opacity, foam * smoothstep(-0.3, 0.1, depth)));
}
