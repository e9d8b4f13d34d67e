package io.faultline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/**
 * Options of {@code lazy-pages} and {@code page-server} without effect are refused, not ignored.
 */
class RestoreOptionsTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lazy-pages --insecure | --from",
        "lazy-pages --token-file=token | --from",
        "lazy-pages --page-server --address=127.0.0.1 --port=1 --keys=keys | --from",
        "lazy-pages --channels=2 | --from",
        "lazy-pages --page-server --from=127.0.0.1:1 | leave one of them out",
        "page-server --port=0 --insecure | --source",
        "page-server --port=0 --tree=1 | --source",
        "page-server --source --tree=1 --listen=127.0.0.1:0 --ps-socket=7 | --ps-socket"
      })
  void optionWithoutTheOneThatItIsForIsRefused(String arguments, String named) {
    StringWriter error = new StringWriter();
    CommandLine line = Main.commandLine();
    Main.configure(line);
    line.setErr(new PrintWriter(error, true));

    assertThat(line.execute((arguments + " --images-dir=" + directory).split(" "))).isNotZero();
    assertThat(error.toString()).contains(named);
    assertThat(error.toString().lines()).hasSize(1);
  }
}
