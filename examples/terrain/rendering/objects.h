// What the driver keeps for us, each with an owner, and the bytes it takes.
#pragma once

#include <cstddef>
#include <utility>

#include "rendering/gl.h"

namespace terrain {

// Owns one name of the driver's; moves, does not copy. `total` outlives it, and holds its bytes while it lives.
template <auto* Delete>
class Owned {
 public:
  Owned() = default;
  Owned(GLuint name, size_t bytes, size_t& total) : name_(name), bytes_(bytes), total_(&total) { total += bytes; }
  Owned(Owned&& other) noexcept { swap(other); }
  Owned& operator=(Owned&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Owned() {
    if (name_ == 0) return;
    (*Delete)(1, &name_);
    *total_ -= bytes_;
  }

  [[nodiscard]] GLuint name() const { return name_; }

 private:
  void swap(Owned& other) noexcept {
    std::swap(name_, other.name_);
    std::swap(bytes_, other.bytes_);
    std::swap(total_, other.total_);
  }

  GLuint name_ = 0;
  size_t bytes_ = 0;
  size_t* total_ = nullptr;
};

using Buffer = Owned<&gl::DeleteBuffers>;
using Texture = Owned<&gl::DeleteTextures>;
using VertexArray = Owned<&gl::DeleteVertexArrays>;

// `target` such as GL_ARRAY_BUFFER; the buffer stays bound to it.
[[nodiscard]] Buffer make_buffer(GLenum target, const void* data, size_t bytes, size_t& total);

// A square of `side` texels, 4 bytes each, with smaller copies of itself for the distance.
[[nodiscard]] Texture make_texture(const void* texels, int side, GLint wrap, size_t& total);

// Stays bound.
[[nodiscard]] VertexArray make_vertex_array(size_t& total);

}  // namespace terrain
