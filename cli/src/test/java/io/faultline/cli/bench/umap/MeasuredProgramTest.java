package io.faultline.cli.bench.umap;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.cli.bench.result.BenchCase.CannotRunException;
import io.faultline.cli.bench.result.BenchCase.UnfinishedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuredProgramTest {
  private static final int MIB = 1 << 20;

  @TempDir private Path directory;
  private Path runner;

  @BeforeEach
  void compile() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/gcc")), "needs gcc: apt-get install gcc");
    runner = NativePrograms.compile(Files.createDirectory(directory.resolve("c"))).measured();
  }

  private MeasuredProgram.Result run(String script, Optional<Path> cgroup)
      throws IOException, InterruptedException, UnfinishedException {
    return new MeasuredProgram(
            List.of("/bin/sh", "-c", script), Map.of("WORD", "said"), cgroup, Optional.empty())
        .run(runner, directory, MeasuredProgram.LIMIT);
  }

  @Test
  void timesOutputAndBytesAreThoseOfTheProgramAndItsChildren() throws Exception {
    Path file = directory.resolve("file");
    MeasuredProgram.Result result =
        run(
            "echo $WORD; sleep 0.3; dd if=/dev/zero of=" + file + " bs=1M count=8 conv=fsync 2>&1",
            Optional.empty());
    assertThat(result.output()).startsWith("said\n");
    assertThat(result.usage().wallSeconds()).isBetween(0.3, 60.0);
    assertThat(result.usage().cpuSeconds()).isBetween(0.001, 5.0);
    String disk = Files.getFileStore(directory).type();
    assumeTrue(!disk.equals("tmpfs"), "temporary files are in memory");
    assertThat(result.usage().writtenBytes()).isBetween(8L * MIB, 9L * MIB);
  }

  @Test
  void failureNamesTheProgramAndTheEndOfItsOutput() {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> run("echo first; echo last >&2; exit 3", Optional.empty()))
        .withMessage("sh failed with exit code 3: first | last");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> run("kill -11 $$", Optional.empty()))
        .withMessageStartingWith("sh ended by signal 11");
  }

  @Test
  void programThatTakesTooLongIsKilled() throws Exception {
    Path file = directory.resolve("pid");
    MeasuredProgram endless =
        new MeasuredProgram(
            List.of("/bin/sh", "-c", "echo $$ > " + file + "; exec sleep 1000"),
            Map.of(),
            Optional.empty(),
            Optional.empty());
    assertThatExceptionOfType(UnfinishedException.class)
        .isThrownBy(() -> endless.run(runner, directory, Duration.ofSeconds(2)))
        .withMessage("ended after 2 s")
        .satisfies(e -> assertThat(e.seconds()).isEqualTo(2));
    assumeTrue(Files.exists(file), "the program had no time to start");
    long pid = Long.parseLong(Files.readString(file).strip());
    ProcessHandle.of(pid).ifPresent(each -> each.onExit().orTimeout(60, SECONDS).join());
  }

  @Test
  void programRunsInItsCgroupWhichIsRemoved() throws Exception {
    Path cgroup;
    try (MemoryCgroup limited = MemoryCgroup.create(64L * MIB)) {
      cgroup = limited.directory();
      String own = run("cat /proc/self/cgroup", Optional.of(cgroup)).output();
      assertThat(own).contains("/" + cgroup.getFileName());
    } catch (CannotRunException e) {
      assumeTrue(false, e.getMessage());
      return;
    }
    assertThat(cgroup).doesNotExist();
  }
}
