// The flight recorder's folder, and what becomes of a file in it whose process is dead (docs/flight-recorder.md).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "argus/client.h"

namespace argus::client {

constexpr const char* kFlight = "flight";  // the file's name, beside an instance's batches

using Say = std::function<void(argus_level, const std::string&)>;

// The folder for this user's flight files where no other is named: in memory, where the system has such a place. A file
// on a disk is written back now and then, and a store into a page on its way waits for the disk.
std::filesystem::path default_flight_folder();

// A name for the folder of one application of one server, as the Python SDK computes it. Applications do not share one:
// who delivers what another process left needs the same key.
std::string application_name(std::string_view url, std::string_view application);

// Makes the folder of an application, and the one above it, where need be. Throws std::filesystem::filesystem_error
// where somebody else can write one of them.
void prepare_flight_folder(const std::filesystem::path& folder);

// Turns the flight file of a dead process into the batches that it would have made. The caller holds the folder's lock.
// The file is deleted last: whoever is interrupted leaves a folder from which the next one makes the same.
void into_batches(const std::filesystem::path& folder, const Say& say);

}  // namespace argus::client
