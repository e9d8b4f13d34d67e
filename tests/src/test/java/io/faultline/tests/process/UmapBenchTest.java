package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** {@code bench --umap}, also with programs that take the place of umap's. */
class UmapBenchTest {
  private static final Duration SOON = Duration.ofMinutes(1);

  @RegisterExtension private final Processes processes = new Processes();

  @Test
  void programsRunOnUmapOnThePagerAndOnMmap() throws Exception {
    Path json = processes.file("bench.json");
    Node bench = bench(UmapBuilds.given(), "--json=" + json);
    bench.awaitSuccess();
    bench.assertNoStackTrace();
    Result result = Result.read(json);
    for (String name : List.of("umapsort", "umapsort-umap-64k", "access-read", "access-write")) {
      JsonNode values = valuesOf(name, result);
      assertThat(values.path("run_time").asDouble()).as(name).isPositive();
      assertThat(values.path("cpu_time").asDouble()).as(name).isPositive();
    }
    assertThat(valuesOf("access-read", result).path("access_time").asDouble()).isPositive();
    assertThat(bench.out()).anyMatch(line -> line.contains(" KiB pages (its best) "));
    assertThat(bench.out()).anyMatch(line -> line.startsWith("| umapsort / umapsort-umap-best"));
    assertNothingLeft();
  }

  @Test
  void unsortedResultFailsTheBench() throws Exception {
    CPrograms.requireGcc();
    Path build = Files.createDirectory(processes.file("build"));
    Files.write(build.resolve("libumap.so"), new byte[0]);
    for (String name : List.of("umapsort", "pfbenchmark-read", "pfbenchmark-write")) {
      program(build.resolve(name), "touch \"$2\"; echo 'Worker 0 found an error'; exit 1");
    }
    program(build.resolve("pfbenchmark-readmodifywrite"), "exit 0");
    Node wrong = bench(build, "--only=umapsort-umap-32k");
    wrong.awaitFailure(2, SOON);
    assertThat(wrong.err()).anyMatch(line -> line.contains("umapsort-umap-64k"));
    Node all = bench(build, "--only=umapsort");
    all.awaitFailure(1, Node.LIMIT);
    assertThat(all.err())
        .anyMatch(
            line ->
                line.contains("umapsort-umap-64k FAILED: umapsort failed with exit code 1")
                    && line.contains("found an error"));
    assertNothingLeft();
  }

  @Test
  void whatIsMissingIsNamedBeforeAnythingRuns() throws Exception {
    Node bench = bench(processes.file("nothing"));
    bench.awaitFailure(2, SOON);
    assertThat(bench.err()).anyMatch(line -> line.contains("no libumap.so there"));
    Node alone = processes.start("bench", "--quick", "--only=umapsort");
    alone.awaitFailure(2, SOON);
    assertThat(alone.err()).anyMatch(line -> line.contains("needs --umap DIR"));
    Node buffer = processes.start("bench", "--quick", "--buffer=64m");
    buffer.awaitFailure(2, SOON);
    assertThat(buffer.err()).anyMatch(line -> line.contains("--buffer needs --umap DIR"));
  }

  private Node bench(Path build, String... more) throws IOException {
    List<String> arguments = List.of("bench", "--quick", "--umap=" + build);
    return processes.start(arguments, more);
  }

  private static void program(Path file, String script) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private void assertNothingLeft() throws IOException {
    try (Stream<Path> files = Files.list(processes.file(""))) {
      assertThat(files.map(each -> each.getFileName().toString()))
          .noneMatch(name -> name.startsWith("faultline-umap"));
    }
  }

  private static JsonNode valuesOf(String name, Result result) {
    for (JsonNode sample : result.at("samples")) {
      if (sample.path("case").asString().equals(name)) {
        return sample.path("values");
      }
    }
    throw new AssertionError("no sample of " + name + " in " + result);
  }
}
