package io.faultline.cli.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.cli.criu.CriuOption.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CriuArgumentsTest {
  private static final Map<String, CriuOption> OWN =
      Stream.of(
              new CriuOption("images-dir", Value.REQUIRED),
              new CriuOption("log-file", Value.REQUIRED),
              new CriuOption("port", Value.REQUIRED),
              new CriuOption("json", Value.REQUIRED),
              new CriuOption("daemon", Value.NONE),
              new CriuOption("tls", Value.NONE),
              new CriuOption("no-background", Value.NONE),
              new CriuOption("verbosity", Value.OPTIONAL))
          .collect(Collectors.toMap(CriuOption::name, each -> each));

  private final List<String> warnings = new ArrayList<>();

  @ParameterizedTest
  @CsvSource({
    "-D dir, --images-dir=dir",
    "-Ddir, --images-dir=dir",
    "--images-dir dir, --images-dir=dir",
    "--images-dir=dir, --images-dir=dir",
    "--images=dir, --images-dir=dir",
    "-D -d -d, --images-dir=-d --daemon",
    "-do log, --daemon --log-file=log",
    "-dv4 -olog, --daemon --verbosity=4 --log-file=log",
    "-v, --verbosity=1",
    "-vvv, --verbosity=3",
    "-v -v, --verbosity=2",
    "-vvvv -v1, --verbosity=1",
    "--verbosity=3, --verbosity=3",
    "--port 1 --port 2, --port=2",
    "--json=a=b, --json=a=b",
    "--restore-detached, --daemon",
    "--tls --no-tls, ''",
    "--no-tls --tls, --tls",
    "--no-background, --no-background",
  })
  void optionsOfTheCommandAreWrittenInOneForm(String given, String expected) {
    assertThat(String.join(" ", translate(given))).isEqualTo(expected);
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "-j --tcp-established -D dir",
    "--action-script a.sh -D dir",
    "--ext-unix-sk -D dir",
    "-x -D dir",
    "-L lib -D dir",
    "-Llib -D dir",
    "--manage-cgroups=full --no-tcp-close -D dir",
    "-jlD dir",
  })
  void optionsOfOtherCommandsOfCriuAreLeftOutWithTheirValues(String given) {
    assertThat(translate(given)).containsExactly("--images-dir=dir");
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "--new -D dir, --new",
    "--new value -D dir, --new",
    "--new=value -D dir, --new",
    "-Q -D dir, -Q",
    "-Q value -D dir, -Q",
    "-QD dir, -Q",
    "--tcp -D dir, --tcp",
  })
  void unknownOptionIsAWarning(String given, String named) {
    assertThat(translate(given)).containsExactly("--images-dir=dir");
    assertThat(warnings).containsExactly("unknown option '" + named + "', ignored");
  }

  @Test
  void optionThatWouldChangeTheImagesIsAWarning() {
    assertThat(translate("--auto-dedup -D dir")).containsExactly("--images-dir=dir");
    assertThat(warnings).containsExactly("--auto-dedup is ignored: the images keep their size");
  }

  @Test
  void operandsAreKept() {
    assertThat(translate("a -d -- -D")).containsExactly("a", "--daemon", "-D");
  }

  @Test
  void missingOrSuperfluousValueIsRefused() {
    assertThatThrownBy(() -> translate("-d --port")).hasMessage("option --port needs a value");
    assertThatThrownBy(() -> translate("--tls=yes"))
        .hasMessage("option --tls takes no value, but has 'yes'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "tcp-established > --tcp-established",
        "  images-dir   /a b # why > --images-dir=/a b",
        "log-file \"a # \\\"b\\\"\" # why > --log-file=a # \"b\"",
        "# nothing > ''",
        "'' > ''",
      })
  void configurationFileHasAnOptionOnEachLine(String line, String expected) {
    List<String> options = new ArrayList<>();
    CriuConfiguration.addLine(options, line);

    assertThat(String.join(" ", options)).isEqualTo(expected);
  }

  private List<String> translate(String arguments) {
    return new CriuArguments(OWN, warnings::add).translate(List.of(arguments.split(" ")));
  }
}
