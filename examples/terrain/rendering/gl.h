// OpenGL 3.3's functions, fetched from the driver at run time: nothing is linked.
#pragma once

#define GL_GLEXT_PROTOTYPES
#include <SDL_opengl.h>

namespace terrain::gl {

#define TERRAIN_GL_FUNCTIONS(each)                                                                                     \
  each(ActiveTexture) each(AttachShader) each(BindBuffer) each(BindBufferBase) each(BindTexture) each(BindVertexArray) \
      each(BlendFunc) each(BufferData) each(BufferSubData) each(Clear) each(CompileShader) each(CreateProgram)         \
          each(CreateShader) each(DeleteBuffers) each(DeleteProgram) each(DeleteShader) each(DeleteTextures)           \
              each(DeleteVertexArrays) each(DepthFunc) each(DepthMask) each(Disable) each(DrawArrays)                  \
                  each(DrawElements) each(Enable) each(EnableVertexAttribArray) each(GenBuffers) each(GenTextures)     \
                      each(GenVertexArrays) each(GenerateMipmap) each(GetError) each(GetProgramInfoLog)                \
                          each(GetProgramiv) each(GetShaderInfoLog) each(GetShaderiv) each(GetString)                  \
                              each(GetUniformBlockIndex) each(GetUniformLocation) each(LinkProgram) each(PixelStorei)  \
                                  each(ReadPixels) each(ShaderSource) each(TexImage2D) each(TexParameteri)             \
                                      each(Uniform1i) each(Uniform2f) each(UniformBlockBinding) each(UseProgram)       \
                                          each(VertexAttribPointer) each(Viewport)

#define TERRAIN_GL_DECLARE(name) extern decltype(&::gl##name) name;
TERRAIN_GL_FUNCTIONS(TERRAIN_GL_DECLARE)
#undef TERRAIN_GL_DECLARE

// For the context that is current. Throws RenderingError where the driver lacks a function.
void load();

// The driver's oldest error since the last call, in words; null where there is none.
const char* next_error();

}  // namespace terrain::gl
