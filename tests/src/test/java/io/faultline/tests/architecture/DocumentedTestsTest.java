package io.faultline.tests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tests that the documentation names exist. */
class DocumentedTestsTest {
  private static final Pattern TEST_NAME =
      Pattern.compile("`(?:([A-Z]\\w*Test)(?:\\.(\\w+))?|([a-z]\\w+))`");

  private static final int CLASS = 1;
  private static final int METHOD = 2;
  private static final int METHOD_ALONE = 3;

  @Test
  void documentedTestsExist() throws IOException {
    Map<String, String> tests = sources();
    List<String> missing = new ArrayList<>();
    int found = 0;
    for (Path page : pages()) {
      for (String line : Files.readAllLines(page)) {
        found += check(line, page.endsWith("docs/reliability.md"), tests, missing);
      }
    }
    assertThat(missing).as("tests that do not exist").isEmpty();
    assertThat(found).as("test names found").isGreaterThan(30);
  }

  /**
   * Adds the tests of a line that do not exist to {@code missing}; returns how many tests it names.
   *
   * @param table whether a method may stand alone, after another one of its class
   */
  private static int check(
      String line, boolean table, Map<String, String> tests, List<String> missing) {
    int found = 0;
    String type = "";
    Matcher names = TEST_NAME.matcher(line);
    while (names.find()) {
      boolean hasClass = names.group(CLASS) != null;
      if (hasClass) {
        type = names.group(CLASS);
      } else if (!table || type.isEmpty()) {
        continue;
      }
      found++;
      String method = hasClass ? names.group(METHOD) : names.group(METHOD_ALONE);
      String source = tests.get(type);
      if (source == null || (method != null && !source.contains("void " + method + "("))) {
        missing.add(type + (method == null ? "" : "." + method));
      }
    }
    return found;
  }

  /** The sources of all test classes, by simple class name. */
  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (Path module : children(ProjectFiles.ROOT)) {
      Path root = module.resolve("src/test/java");
      if (Files.isDirectory(root)) {
        try (Stream<Path> walk = Files.walk(root)) {
          for (Path file : walk.filter(path -> path.toString().endsWith("Test.java")).toList()) {
            String name = file.getFileName().toString().replace(".java", "");
            sources.merge(name, Files.readString(file), String::concat);
          }
        }
      }
    }
    return sources;
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ProjectFiles.ROOT.resolve("README.md")));
    for (Path page : children(ProjectFiles.ROOT.resolve("docs"))) {
      if (page.toString().endsWith(".md")) {
        pages.add(page);
      }
    }
    return pages;
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.sorted().toList();
    }
  }
}
