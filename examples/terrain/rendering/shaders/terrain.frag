// What grows or lies on the ground, by height, slope and moisture; lit by sun and sky.
uniform sampler2D surface;

in vec3 place;
in vec2 texel;
in float moisture;

out vec4 colour;

// The grain at one scale: two values from -1 to 1, and a slope.
vec4 grain_at(vec2 at, float metres) { return texture(grain, at / metres) * 2.0 - 1.0; }

void main() {
  vec3 world = place + eye.xyz;
  float distance = length(place);
  vec3 direction = place / distance;

  vec4 seen = texture(surface, texel);
  vec2 lean = seen.rg * 2.0 - 1.0;
  vec3 normal = vec3(lean.x, sqrt(max(1.0 - dot(lean, lean), 0.02)), lean.y);
  float steep = 1.0 - normal.y;

  vec4 wide = grain_at(world.xz, 900.0);
  vec4 middle = grain_at(world.xz, 130.0);
  vec4 fine = grain_at(world.xz, 21.0);
  if (steep > 0.12) {  // on a slope, seen from above, the grain would be drawn out into streaks
    vec2 facing = abs(normal.xz) / (abs(normal.x) + abs(normal.z));
    float wall = smoothstep(0.12, 0.30, steep);
    middle = mix(middle, facing.y * grain_at(world.xy, 130.0) + facing.x * grain_at(world.zy, 130.0), wall);
    fine = mix(fine, facing.y * grain_at(world.xy, 34.0) + facing.x * grain_at(world.zy, 34.0), wall);
  }
  float close = 1.0 - smoothstep(150.0, 700.0, distance);
  if (close > 0.0) fine += 0.8 * close * grain_at(world.xz + world.yy, 6.0);
  float patches = 0.6 * wide.r + 0.4 * middle.g;

  vec3 dry = mix(vec3(0.158, 0.134, 0.074), vec3(0.118, 0.114, 0.054), saturate(0.5 + fine.r));
  vec3 lush = mix(vec3(0.060, 0.100, 0.024), vec3(0.092, 0.118, 0.034), saturate(0.5 + middle.r));
  vec3 ground = mix(dry, lush, smoothstep(0.28, 0.62, moisture + 0.18 * patches));
  float rough = 0.35;

  float alpine = smoothstep(230.0, 420.0, world.y + 90.0 * patches);
  ground = mix(ground, vec3(0.104, 0.098, 0.064), alpine * 0.85);

  float woods = smoothstep(0.46, 0.56, moisture + 0.30 * patches) * smoothstep(6.0, 18.0, world.y) *
                (1.0 - smoothstep(250.0, 330.0, world.y + 80.0 * middle.r)) * (1.0 - smoothstep(0.20, 0.34, steep));
  vec3 leaves = mix(vec3(0.016, 0.040, 0.014), vec3(0.050, 0.082, 0.022), saturate(0.5 + 0.9 * fine.g + 0.3 * wide.g));
  float bushes = smoothstep(0.20, 0.55, fine.g + 0.5 * middle.r) * smoothstep(0.15, 0.5, moisture) * (1.0 - alpine);
  woods = max(woods, 0.65 * bushes * smoothstep(4.0, 12.0, world.y) * (1.0 - smoothstep(0.12, 0.26, steep)));
  ground *= 1.0 + 0.30 * patches + 0.16 * middle.g;
  ground = mix(ground, leaves, woods);
  rough = mix(rough, 1.5, woods);

  float bands = sin(world.y * 0.055 + 5.0 * wide.g + 1.5 * middle.r);
  vec3 stone = mix(vec3(0.092, 0.086, 0.082), vec3(0.172, 0.150, 0.128), saturate(0.5 + 0.25 * bands + 0.3 * middle.g + 0.4 * fine.r));
  float bare = smoothstep(0.17, 0.30, steep + 0.06 * middle.r + 0.05 * fine.g + 0.05 * alpine);
  ground = mix(ground, stone, bare);
  rough = mix(rough, 1.0, bare);

  float beach = (1.0 - smoothstep(2.0, 7.0, world.y + 2.0 * middle.r)) * (1.0 - smoothstep(0.10, 0.22, steep));
  vec3 sand = mix(vec3(0.400, 0.320, 0.205), vec3(0.460, 0.385, 0.260), saturate(0.5 + fine.r));
  sand *= mix(0.42, 1.0, smoothstep(-0.5, 1.4, world.y));  // wet
  ground = mix(ground, sand, beach);
  ground = mix(ground, vec3(0.10, 0.11, 0.09), 1.0 - smoothstep(-9.0, -2.0, world.y));
  rough = mix(rough, 0.2, beach);

  float snow = smoothstep(430.0, 560.0, world.y + 110.0 * patches + 120.0 * normal.z) *
               (1.0 - smoothstep(0.30, 0.48, steep + 0.08 * fine.r));
  ground = mix(ground, vec3(0.78, 0.82, 0.88), snow);
  rough = mix(rough, 0.12, snow);

  normal = normalize(normal - rough * vec3(0.55 * fine.b + 0.45 * middle.b, 0.0, 0.55 * fine.a + 0.45 * middle.a));

  // The land's own shadow, and the clouds'.
  float barrier = to_sun.x > 0.0 ? seen.b : seen.a;
  float lit = smoothstep(barrier - 0.016, barrier + 0.030, to_sun.w);
  lit *= 1.0 - 0.62 * cloud(world.xz + to_sun.xz / max(to_sun.y, 0.25) * 1400.0);

  vec3 toward = to_sun.y > -0.12 ? to_sun.xyz : -to_sun.xyz;  // at night the moon stands opposite
  lit = to_sun.y > -0.12 ? lit : 0.8;
  float open = 1.0 - 0.45 * (seen.b + seen.a);                // valleys see less of the sky
  vec3 light = sun.rgb * lit * max(dot(normal, toward), 0.0);
  light += ambient.rgb * open * (0.55 + 0.45 * normal.y);
  light += 0.10 * sun.rgb * vec3(1.0, 0.9, 0.7) * max(toward.y, 0.0) * (0.5 - 0.5 * normal.y);
  light += snow * sun.rgb * lit * vec3(0.03, 0.05, 0.09);

  colour = on_screen(through_air(ground * light, direction, distance), 1.0);
}
