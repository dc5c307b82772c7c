#include "rendering/shader.h"

#include <array>

#include "rendering/display.h"

namespace terrain {

namespace {

class Shader {
 public:
  Shader(const std::string& name, GLenum kind, const std::string& source) : id_(gl::CreateShader(kind)) {
    const char* text = source.c_str();
    gl::ShaderSource(id_, 1, &text, nullptr);
    gl::CompileShader(id_);
    GLint compiled = GL_FALSE;
    gl::GetShaderiv(id_, GL_COMPILE_STATUS, &compiled);
    if (compiled == GL_TRUE) return;
    std::array<char, 1024> words{};
    gl::GetShaderInfoLog(id_, static_cast<GLsizei>(words.size()), nullptr, words.data());
    gl::DeleteShader(id_);
    throw RenderingError("the " + name + " shader does not compile: " + words.data());
  }
  ~Shader() { gl::DeleteShader(id_); }
  Shader(const Shader&) = delete;
  Shader& operator=(const Shader&) = delete;

  [[nodiscard]] GLuint id() const { return id_; }

 private:
  GLuint id_;
};

}  // namespace

ShaderProgram::ShaderProgram(const std::string& name, const std::string& vertex, const std::string& fragment)
    : id_(gl::CreateProgram()) {
  const Shader vertex_shader(name + " vertex", GL_VERTEX_SHADER, vertex);
  const Shader fragment_shader(name + " fragment", GL_FRAGMENT_SHADER, fragment);
  gl::AttachShader(id_, vertex_shader.id());
  gl::AttachShader(id_, fragment_shader.id());
  gl::LinkProgram(id_);
  GLint linked = GL_FALSE;
  gl::GetProgramiv(id_, GL_LINK_STATUS, &linked);
  if (linked != GL_TRUE) {
    std::array<char, 1024> words{};
    gl::GetProgramInfoLog(id_, static_cast<GLsizei>(words.size()), nullptr, words.data());
    throw RenderingError("the " + name + " shaders do not link: " + words.data());
  }
  gl::UniformBlockBinding(id_, gl::GetUniformBlockIndex(id_, "Frame"), 0);
  origin_ = gl::GetUniformLocation(id_, "origin");
  use();
  gl::Uniform1i(gl::GetUniformLocation(id_, "grain"), 0);
  gl::Uniform1i(gl::GetUniformLocation(id_, "surface"), 1);
}

ShaderProgram::~ShaderProgram() { gl::DeleteProgram(id_); }

}  // namespace terrain
