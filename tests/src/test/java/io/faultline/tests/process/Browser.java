package io.faultline.tests.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Headless Chromium, which reads a page from a file and has no network. */
final class Browser {
  private static final long LIMIT_SECONDS = 60;
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome");

  private static final List<String> OPTIONS =
      List.of(
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-dev-shm-usage",
          "--no-first-run",
          "--disable-background-networking",
          "--host-resolver-rules=MAP * ~NOTFOUND");

  private Browser() {}

  /** Skips the test if there is no such browser on this machine. */
  static void require() {
    assumeTrue(find().isPresent(), "no " + String.join(", ", NAMES) + " in PATH: install chromium");
  }

  /**
   * Opens a page and returns its elements as the browser understands them, as HTML.
   *
   * @param scratch a directory for the browser's files
   */
  static String dom(Path page, Path scratch) throws IOException, InterruptedException {
    Path out = scratch.resolve("dom.html");
    run(scratch, out, "--dump-dom", page.toUri().toString());
    return Files.readString(out, StandardCharsets.UTF_8);
  }

  /**
   * Opens a page and writes what it looks like, as PNG.
   *
   * @param width of the window in pixels
   * @param scratch a directory for the browser's files
   */
  static void picture(Path page, int width, int height, Path png, Path scratch)
      throws IOException, InterruptedException {
    run(
        scratch,
        scratch.resolve("browser.out"),
        "--hide-scrollbars",
        "--window-size=%d,%d".formatted(width, height),
        "--screenshot=" + png.toAbsolutePath(),
        page.toUri().toString());
  }

  private static void run(Path scratch, Path out, String... more)
      throws IOException, InterruptedException {
    Path profile = Files.createDirectories(scratch.resolve("browser"));
    List<String> command = new ArrayList<>();
    command.add(find().orElseThrow().toString());
    command.addAll(OPTIONS);
    command.add("--user-data-dir=" + profile);
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(scratch.resolve("browser.err").toFile())
            .start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      throw new IOException("the browser does not end");
    }
  }

  private static Optional<Path> find() {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin");
    return NAMES.stream()
        .flatMap(name -> Stream.of(path.split(":")).map(each -> Path.of(each, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
