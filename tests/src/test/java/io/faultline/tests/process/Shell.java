package io.faultline.tests.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Runs short commands of the system. */
final class Shell {
  private Shell() {}

  /** Runs a command to its end; returns its output or the error if it failed, otherwise "". */
  static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        return String.join(" ", command) + " does not end";
      }
      return process.exitValue() == 0 ? "" : String.join(" ", command) + ": " + output.strip();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }
}
