package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image of the guest programs that is checked in is what its sources give. */
final class GuestImageTest {
  /** The compiler that built it: others may give other bytes. */
  private static final String GCC_MAJOR = "12";

  @TempDir Path directory;

  @Test
  void theImageEqualsItsSources() throws Exception {
    assumeTrue(
        System.getProperty("os.arch").equals("amd64"), "the image is built on x86-64 machines");
    String version = output("gcc", "-dumpversion");
    assumeTrue(
        version.equals(GCC_MAJOR),
        "the image was built with gcc " + GCC_MAJOR + ", here is: " + version);
    assumeTrue(!output("ld", "-v").isEmpty(), "binutils is missing");
    Path image = directory.resolve("guest.bin");
    Path log = directory.resolve("log");
    Process build =
        new ProcessBuilder("sh", "src/main/guest/build.sh", image.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(build.waitFor(60, TimeUnit.SECONDS)).as("built in time").isTrue();
    assertThat(build.exitValue()).as(Files.readString(log)).isZero();
    assertThat(Files.readAllBytes(image)).isEqualTo(GuestImage.load());
  }

  /** What a program prints; empty where there is none. */
  private static String output(String... command) throws IOException, InterruptedException {
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
