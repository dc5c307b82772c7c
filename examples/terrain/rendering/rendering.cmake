# The window: SDL2 and OpenGL 3.3, whose functions come from the driver at run time. zlib packs the screenshots.
find_package(ZLIB REQUIRED)

set(shaders ${CMAKE_CURRENT_BINARY_DIR}/generated/shaders.h)
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/rendering/shaders/*)
add_custom_command(OUTPUT ${shaders}
  COMMAND ${CMAKE_COMMAND} -DOUT=${shaders} -DFROM=${CMAKE_CURRENT_SOURCE_DIR}/rendering/shaders
    -P ${CMAKE_CURRENT_SOURCE_DIR}/rendering/embed_shaders.cmake
  DEPENDS rendering/embed_shaders.cmake ${sources})

target_sources(terrain PRIVATE
  rendering/gl.cc
  rendering/grain.cc
  rendering/mesh.cc
  rendering/objects.cc
  rendering/picture.cc
  rendering/renderer.cc
  rendering/shader.cc
  rendering/window.cc
  ${shaders})
target_include_directories(terrain PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/generated)
target_link_libraries(terrain PRIVATE SDL2::SDL2 ZLIB::ZLIB)
