package io.faultline.tests.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The Java code in docs/own-vm.md is the code that is compiled and run here, line for line. */
class OwnVmPageTest {
  private static final Path MODULE = Path.of("").toAbsolutePath();
  private static final Path SOURCES = MODULE.resolve("src/test/java/io/faultline/tests/example");
  private static final Pattern JAVA = Pattern.compile("(?ms)^```java\n(.*?)^```$");

  @Test
  void pageShowsTheCompiledExample() throws IOException {
    String page = Files.readString(MODULE.resolveSibling("docs/own-vm.md"));
    List<String> blocks = JAVA.matcher(page).results().map(OwnVmPageTest::code).toList();
    assertThat(blocks).containsExactly(source("CounterTable.java"), source("Move.java"));
  }

  private static String code(MatchResult block) {
    return block.group(1);
  }

  private static String source(String name) throws IOException {
    return Files.readString(SOURCES.resolve(name));
  }
}
