#include "rendering/renderer.h"

#include <string>

#include "rendering/grain.h"
#include "shaders.h"

namespace terrain {

namespace {

constexpr float kRightAngle = 1.57079633F;

struct Vec4 {
  Vec3 first;
  float w;
};

// The block Frame of frame.glsl; its layout there is std140.
struct FrameUniforms {
  Matrix view_projection;
  Vec4 eye;
  Vec4 to_sun;
  Vec4 sun;
  Vec4 ambient;
  Vec4 zenith;
  Vec4 horizon;
};
static_assert(sizeof(FrameUniforms) == 160);

std::string vertex(const char* source) { return std::string(shaders::frame_glsl) + "#line 1\n" + source; }

std::string fragment(const char* source) {
  return std::string(shaders::frame_glsl) + "#line 1\n" + shaders::air_glsl + "#line 1\n" + source;
}

void point_at(GLuint attribute, GLint numbers) {
  gl::EnableVertexAttribArray(attribute);
  gl::VertexAttribPointer(attribute, numbers, GL_FLOAT, GL_FALSE, 0, nullptr);
}

}  // namespace

Renderer::Renderer()
    : sky_("sky", vertex(shaders::sky_vert), fragment(shaders::sky_frag)),
      terrain_("terrain", vertex(shaders::terrain_vert), fragment(shaders::terrain_frag)),
      water_("water", vertex(shaders::water_vert), fragment(shaders::water_frag)),
      grain_(make_texture(make_grain().data(), kGrainTexels, GL_REPEAT, memory_.textures)),
      frame_(make_buffer(GL_UNIFORM_BUFFER, nullptr, sizeof(FrameUniforms), memory_.buffers)),
      nothing_(make_vertex_array(memory_.buffers)) {
  const auto points = grid_points();
  grid_ = make_buffer(GL_ARRAY_BUFFER, points.data(), points.size() * sizeof(GridPoint), memory_.buffers);
  const auto levels = grid_triangles();
  for (size_t i = 0; i < levels.size(); ++i) {
    const Triangles& level = levels[i];
    const size_t bytes = level.size() * sizeof(uint16_t);
    levels_[i] = {make_buffer(GL_ELEMENT_ARRAY_BUFFER, level.data(), bytes, memory_.buffers),
                  static_cast<GLsizei>(level.size())};
  }
  gl::BindBufferBase(GL_UNIFORM_BUFFER, 0, frame_.name());
  gl::Enable(GL_DEPTH_TEST);
  gl::Enable(GL_CULL_FACE);
  gl::DepthFunc(GL_LEQUAL);
  gl::BlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
}

void Renderer::accept(const World::Changes& changes) {
  for (const ChunkKey key : changes.dropped) chunks_.erase(key);
  for (const auto& chunk : changes.loaded) chunks_[chunk->key] = upload(*chunk);
}

Renderer::DrawnChunk Renderer::upload(const Chunk& chunk) {
  DrawnChunk drawn;
  drawn.points = make_vertex_array(memory_.buffers);
  gl::BindBuffer(GL_ARRAY_BUFFER, grid_.name());
  point_at(0, 2);
  const auto ground = with_skirt(chunk.ground);
  drawn.ground = make_buffer(GL_ARRAY_BUFFER, ground.data(), ground.size() * sizeof(GroundPoint), memory_.buffers);
  point_at(1, 2);
  drawn.surface = make_texture(chunk.surface.data(), kSurfaceTexels, GL_CLAMP_TO_EDGE, memory_.textures);
  return drawn;
}

void Renderer::set_frame(const Scene& scene, float aspect) {
  Camera still = scene.camera;
  still.position = {};  // the shaders see the world from the camera
  const Daylight& light = scene.light;
  const FrameUniforms frame{projection(aspect) * still.view(),
                            {scene.camera.position, scene.seconds},
                            {light.to_sun, light.elevation / kRightAngle},
                            {light.sun, light.stars},
                            {light.ambient, kViewDistance},
                            {light.zenith, 0.0F},
                            {light.horizon, 0.0F}};
  gl::BindBuffer(GL_UNIFORM_BUFFER, frame_.name());
  gl::BufferSubData(GL_UNIFORM_BUFFER, 0, sizeof frame, &frame);
}

void Renderer::draw(const Scene& scene, float aspect) {
  set_frame(scene, aspect);
  gl::Clear(GL_DEPTH_BUFFER_BIT);
  gl::ActiveTexture(GL_TEXTURE0);
  gl::BindTexture(GL_TEXTURE_2D, grain_.name());
  gl::ActiveTexture(GL_TEXTURE1);

  terrain_.use();
  for (const SeenChunk& seen : scene.seen) draw_chunk(seen, terrain_, scene.camera);

  sky_.use();  // after the land, which hides most of it; before the sea, through which it does not show
  gl::BindVertexArray(nothing_.name());
  gl::DepthMask(GL_FALSE);
  gl::DrawArrays(GL_TRIANGLES, 0, 3);

  water_.use();
  gl::Enable(GL_BLEND);
  for (const SeenChunk& seen : scene.seen) {
    if (seen.chunk->lowest < 0.0F) draw_chunk(seen, water_, scene.camera);
  }
  gl::Disable(GL_BLEND);
  gl::DepthMask(GL_TRUE);
}

void Renderer::draw_chunk(const SeenChunk& seen, const ShaderProgram& program, const Camera& camera) {
  const DrawnChunk& drawn = chunks_.at(seen.chunk->key);
  const Level& level = levels_[static_cast<size_t>(seen.detail)];
  gl::BindTexture(GL_TEXTURE_2D, drawn.surface.name());
  gl::BindVertexArray(drawn.points.name());
  gl::BindBuffer(GL_ELEMENT_ARRAY_BUFFER, level.triangles.name());
  program.set_origin(static_cast<float>(seen.chunk->key.x) * kChunkWidth - camera.position.x,
                     static_cast<float>(seen.chunk->key.z) * kChunkWidth - camera.position.z);
  gl::DrawElements(GL_TRIANGLES, level.count, GL_UNSIGNED_SHORT, nullptr);
}

}  // namespace terrain
