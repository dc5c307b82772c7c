// Draws a scene with OpenGL.
#pragma once

#include <array>
#include <map>

#include "rendering/display.h"
#include "rendering/mesh.h"
#include "rendering/objects.h"
#include "rendering/shader.h"

namespace terrain {

// Needs a current context, until its end, and the thread that has it.
class Renderer {
 public:
  Renderer();

  void accept(const World::Changes& changes);
  void draw(const Scene& scene, float aspect);
  [[nodiscard]] GraphicsMemory memory() const { return memory_; }

 private:
  // A chunk, as the driver has it.
  struct DrawnChunk {
    VertexArray points;
    Buffer ground;
    Texture surface;
  };
  struct Level {
    Buffer triangles;
    GLsizei count;
  };

  [[nodiscard]] DrawnChunk upload(const Chunk& chunk);
  void set_frame(const Scene& scene, float aspect);
  void draw_chunk(const SeenChunk& seen, const ShaderProgram& program, const Camera& camera);

  GraphicsMemory memory_;  // first: the objects below give back to it at their end
  ShaderProgram sky_;
  ShaderProgram terrain_;
  ShaderProgram water_;
  Texture grain_;
  Buffer frame_;
  Buffer grid_;
  VertexArray nothing_;  // for the sky, which has no points
  std::array<Level, kDetailLevels> levels_;
  std::map<ChunkKey, DrawnChunk> chunks_;
};

}  // namespace terrain
