package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code cli/bin/criu}, between a Faultline and a CRIU that print their arguments. */
class CriuScriptTest {
  private static final String PRINT = "#!/bin/sh\nprintf '%s|' NAME \"$@\"\n";

  @TempDir Path directory;

  @BeforeEach
  void install() throws IOException {
    executable("checkout/faultline", PRINT.replace("NAME", "faultline"));
    executable("real/criu", PRINT.replace("NAME", "real"));
    Path script = Path.of("../cli/bin/criu");
    executable("checkout/cli/bin/criu", Files.readString(script));
  }

  @Test
  void lazyPagesAndPageServerAreFaultlines() throws Exception {
    assertThat(run("lazy-pages", "-D", "a b", "*", ""))
        .isEqualTo("faultline|lazy-pages|-D|a b|*||");
    assertThat(run("page-server", "--port=1")).isEqualTo("faultline|page-server|--port=1|");
  }

  @Test
  void verbMayFollowOptionsWithValues() throws Exception {
    assertThat(run("-D", "dump", "--port", "7", "-dD", "restore", "lazy-pages", "-v"))
        .isEqualTo("faultline|lazy-pages|-D|dump|--port|7|-dD|restore|-v|");
    assertThat(run("-D", "lazy-pages", "dump")).isEqualTo("real|-D|lazy-pages|dump|");
  }

  @Test
  void everythingElseIsTheRealOnes() throws Exception {
    assertThat(run("dump", "-t", "5", "--lazy-pages")).isEqualTo("real|dump|-t|5|--lazy-pages|");
    assertThat(run("--version")).isEqualTo("real|--version|");
    assertThat(run()).isEqualTo("real|");
  }

  @Test
  void realOneThatIsNoneIsNamed() throws Exception {
    String none = directory.resolve("none").toString();
    assertThat(runWith(none, "dump"))
        .isEqualTo("criu: CRIU=" + none + " is not the real criu: name its file\n");
    assertThat(runWith(directory.resolve("real/criu").toString(), "dump")).isEqualTo("real|dump|");
  }

  /** What it prints, on either stream. */
  private String run(String... arguments) throws Exception {
    return runWith("", arguments);
  }

  private String runWith(String criu, String... arguments) throws Exception {
    Path bin = directory.resolve("checkout/cli/bin");
    List<String> command = new ArrayList<>(List.of(bin.resolve("criu").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("CRIU", criu);
    builder.environment().put("PATH", bin + ":" + directory.resolve("real") + ":/usr/bin:/bin");
    Process process = builder.start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return out;
  }

  private void executable(String name, String contents) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, contents);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
