// A pair of shaders, compiled.
#pragma once

#include <string>

#include "rendering/gl.h"

namespace terrain {

class ShaderProgram {
 public:
  // `name` names it in errors. Throws RenderingError, with the compiler's words, where it does not compile or link.
  ShaderProgram(const std::string& name, const std::string& vertex, const std::string& fragment);
  ~ShaderProgram();
  ShaderProgram(const ShaderProgram&) = delete;
  ShaderProgram& operator=(const ShaderProgram&) = delete;

  void use() const { gl::UseProgram(id_); }

  // Where the chunk that is drawn begins, east and south of the camera.
  void set_origin(float x, float z) const { gl::Uniform2f(origin_, x, z); }

 private:
  GLuint id_;
  GLint origin_;
};

}  // namespace terrain
