# Writes shaders.h: the text of each shader as a constant, so that the program is one file. `cmake -P` with OUT, and FROM
# the folder of the shaders.
set(text "// Written by embed_shaders.cmake from rendering/shaders.\n#pragma once\n\nnamespace terrain::shaders {\n")
foreach(name frame.glsl air.glsl sky.vert sky.frag terrain.vert terrain.frag water.vert water.frag)
  file(READ ${FROM}/${name} source)
  string(MAKE_C_IDENTIFIER ${name} constant)
  string(APPEND text "\ninline constexpr char ${constant}[] = R\"glsl(${source})glsl\";\n")
endforeach()
file(WRITE ${OUT} "${text}\n}  // namespace terrain::shaders\n")
