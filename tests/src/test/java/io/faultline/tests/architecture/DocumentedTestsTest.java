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

/** A promise that is said to be held by a test is: the tests that pages name exist. */
class DocumentedTestsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern NAMED =
      Pattern.compile("`(?:([A-Z]\\w*Test)(?:\\.(\\w+))?|([a-z]\\w+))`");

  private static final int CLASS = 1;
  private static final int METHOD = 2;
  private static final int METHOD_OF_THE_SAME = 3;

  @Test
  void testsThatPagesNameExist() throws IOException {
    Map<String, String> tests = sources();
    List<String> lacking = new ArrayList<>();
    int found = 0;
    for (Path page : pages()) {
      for (String line : Files.readAllLines(page)) {
        found += check(line, page.endsWith("docs/reliability.md"), tests, lacking);
      }
    }
    assertThat(lacking).isEmpty();
    assertThat(found).as("names of tests").isGreaterThan(30);
  }

  /** Returns how many tests a line names; in a table of tests a method may stand alone. */
  private static int check(
      String line, boolean table, Map<String, String> tests, List<String> lacking) {
    int found = 0;
    String type = "";
    Matcher names = NAMED.matcher(line);
    while (names.find()) {
      boolean named = names.group(CLASS) != null;
      if (named) {
        type = names.group(CLASS);
      } else if (!table || type.isEmpty()) {
        continue;
      }
      found++;
      String method = named ? names.group(METHOD) : names.group(METHOD_OF_THE_SAME);
      String source = tests.get(type);
      if (source == null || (method != null && !source.contains("void " + method + "("))) {
        lacking.add(type + (method == null ? "" : "." + method));
      }
    }
    return found;
  }

  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (Path module : children(ROOT)) {
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
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    for (Path page : children(ROOT.resolve("docs"))) {
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
