/** What a person pastes to send a first metric, with the server's address and the new key in it. */

export interface Connection {
  url: string;
  appId: string;
  key: string;
}

export interface Step {
  label: string;
  code: string;
}

export interface Way {
  name: string;
  steps: Step[];
}

export function ways({ url, appId, key }: Connection): Way[] {
  return [
    {
      name: "Python",
      steps: [
        { label: "In Argus' folder, with your program's environment active", code: "pip install ." },
        {
          label: "In your program; run as it is, it sends a first metric",
          code: [
            "import argus",
            "",
            `argus.init(url="${url}", app_id="${appId}", api_key="${key}")`,
            "",
            'argus.increment("hello")           # a counter',
            'argus.gauge("queue", 7)            # a gauge',
            'with argus.timer("work"):          # a timing, with true percentiles',
            "    sum(range(1_000_000))",
          ].join("\n"),
        },
      ],
    },
    {
      name: "C++",
      steps: [
        {
          label: "In Argus' folder: builds the library and installs it into ~/argus",
          code: [
            "cmake -S native/libargus -B /tmp/argus-build && cmake --build /tmp/argus-build",
            "cmake --install /tmp/argus-build --prefix ~/argus",
          ].join("\n"),
        },
        {
          label: "hello.cc",
          code: [
            "#include <argus/argus.hpp>",
            "#include <chrono>",
            "",
            "int main() {",
            "  argus::Client client;",
            '  client.increment("hello");',
            '  client.timing("work", std::chrono::milliseconds(16));',
            "  return client.flush(std::chrono::seconds(5)) ? 0 : 1;",
            "}",
          ].join("\n"),
        },
        {
          label: "Build and run it",
          code: [
            'export PKG_CONFIG_PATH="$(dirname "$(find ~/argus -name argus.pc)")"',
            "c++ -std=c++17 hello.cc -o hello $(pkg-config --cflags --libs argus)",
            `ARGUS_URL=${url} ARGUS_APP_ID=${appId} ARGUS_API_KEY=${key} ./hello`,
          ].join("\n"),
        },
      ],
    },
    {
      name: "Shell",
      steps: [
        {
          label: "From a shell, or any language that speaks HTTP",
          code: [
            `curl ${url}/api/v1/metrics -H 'Authorization: Bearer ${key}' \\`,
            `     -d '{"metrics": [{"name": "hello", "value": 1}]}'`,
          ].join("\n"),
        },
      ],
    },
  ];
}
