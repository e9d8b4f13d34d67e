package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Builds guest images from {@code src/main/guest}, to compare them with those checked in. */
final class GuestBuild {
  private GuestBuild() {}

  /** Skips the test on machines whose architecture or tools cannot build the images. */
  static void assumeTools(String... programs) throws IOException, InterruptedException {
    assumeTrue(
        System.getProperty("os.arch").equals("amd64"), "guest images are built on x86-64 machines");
    for (String program : programs) {
      assumeTrue(!output(program, "--version").isEmpty(), program + " is missing");
    }
  }

  /** Runs a build script, and returns the image. */
  static byte[] run(String script, Path directory) throws IOException, InterruptedException {
    Path image = directory.resolve("image");
    Path log = directory.resolve("log");
    Process build =
        new ProcessBuilder("sh", "src/main/guest/" + script, image.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(build.waitFor(60, TimeUnit.SECONDS)).as("built in time").isTrue();
    assertThat(build.exitValue()).as(Files.readString(log)).isZero();
    return Files.readAllBytes(image);
  }

  /** What a program prints; empty if it does not exist. */
  static String output(String... command) throws IOException, InterruptedException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return ""; // no such program
    }
    byte[] text = process.getInputStream().readAllBytes();
    process.waitFor();
    return new String(text, StandardCharsets.UTF_8).strip();
  }
}
