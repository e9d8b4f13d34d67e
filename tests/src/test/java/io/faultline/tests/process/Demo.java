package io.faultline.tests.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A finished {@code faultline demo}: one migration between two processes of this machine. */
record Demo(Node node, Result result) {
  /** Runs {@code demo OPTIONS MORE} with {@code --json}; it must succeed without a stack trace. */
  static Demo run(Processes processes, List<String> options, String... more)
      throws IOException, InterruptedException {
    Path json = processes.file("result.json");
    List<String> arguments = new ArrayList<>(List.of("demo", "--json=" + json));
    arguments.addAll(options);
    Node node = processes.start(arguments, more);
    node.awaitSuccess();
    node.assertNoStackTrace();
    return new Demo(node, Result.read(json));
  }
}
