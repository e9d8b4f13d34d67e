package io.faultline.cli.bench.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StockProgramsTest {
  @TempDir Path first;
  @TempDir Path second;

  @Test
  void firstDirectoryWithAnExecutableFileWins() throws Exception {
    StockPrograms programs = new StockPrograms(List.of(first, second));
    Path program = Files.createFile(second.resolve("criu"));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    assertThat(programs.program("criu")).isEqualTo(program);
    Path earlier = Files.createFile(first.resolve("criu"));
    assertThat(programs.program("criu")).isEqualTo(program);
    assertThat(earlier.toFile().setExecutable(true)).isTrue();
    assertThat(programs.program("criu")).isEqualTo(earlier);
  }

  @Test
  void missingProgramIsNamedWithTheScriptThatGetsIt() {
    StockPrograms programs = new StockPrograms(List.of(first));
    assertThatExceptionOfType(LabUnavailableException.class)
        .isThrownBy(() -> programs.program("redis-server"))
        .withMessageContaining("redis-server")
        .withMessageContaining("tests/criu/get-criu.sh");
  }
}
