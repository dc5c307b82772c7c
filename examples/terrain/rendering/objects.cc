#include "rendering/objects.h"

namespace terrain {

Buffer make_buffer(GLenum target, const void* data, size_t bytes, size_t& total) {
  GLuint name = 0;
  gl::GenBuffers(1, &name);
  gl::BindBuffer(target, name);
  gl::BufferData(target, static_cast<GLsizeiptr>(bytes), data, GL_STATIC_DRAW);
  return {name, bytes, total};
}

Texture make_texture(const void* texels, int side, GLint wrap, size_t& total) {
  GLuint name = 0;
  gl::GenTextures(1, &name);
  gl::BindTexture(GL_TEXTURE_2D, name);
  gl::TexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, side, side, 0, GL_RGBA, GL_UNSIGNED_BYTE, texels);
  gl::TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, wrap);
  gl::TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, wrap);
  gl::TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR_MIPMAP_LINEAR);
  gl::TexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
  gl::GenerateMipmap(GL_TEXTURE_2D);
  const auto bytes = 4 * static_cast<size_t>(side) * static_cast<size_t>(side);
  return {name, bytes + bytes / 3, total};  // the smaller copies add a third
}

VertexArray make_vertex_array(size_t& total) {
  GLuint name = 0;
  gl::GenVertexArrays(1, &name);
  gl::BindVertexArray(name);
  return {name, 0, total};
}

}  // namespace terrain
