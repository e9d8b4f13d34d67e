package io.faultline.tests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Comments, messages and pages use the words of the field, and none of a short list of others. */
class WordListTest {
  /** Words that are not used, as a regular expression for whole words, and what to write. */
  private record Entry(String words, String instead) {
    /** Matches regardless of case, and across the end of a line of a comment. */
    Pattern pattern() {
      String gap = "\\\\s+(?:(?:\\\\*|//|#)\\\\s*)?";
      return Pattern.compile("(?i)\\b(?:" + words.replaceAll(" ", gap) + ")\\b");
    }
  }

  private static final List<Entry> ENTRIES =
      List.of(
          new Entry("behind", "after; next; below"),
          new Entry("whose the VM", "which side owns the VM"),
          new Entry("(?:come|came) to pass", "happen"),
          new Entry("a person", "the user; human-readable"),
          new Entry("hear(?:s|d)? of", "is notified of"),
          new Entry("go(?:es)? with it", "continues; belongs to it"),
          new Entry("(?:is|are|be|was|were) taken for", "is treated as"),
          new Entry("anew", "again"),
          new Entry("strangers?", "unauthenticated peer"),
          new Entry("turn(?:s|ed) away", "refuses; refused"));

  /** Files that need a listed word, with the words and the reason. */
  private static final Map<String, List<String>> ALLOWED = Map.of();

  @Test
  void noTextUsesAListedWord() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : ProjectFiles.texts()) {
      String name = ProjectFiles.ROOT.relativize(file).toString();
      if (!file.endsWith("WordListTest.java")) {
        found.addAll(check(name, Files.readString(file), ALLOWED.getOrDefault(name, List.of())));
      }
    }
    assertThat(found).as("words to replace").isEmpty();
  }

  @Test
  void scanCoversEveryKindOfText() throws IOException {
    assertThat(ProjectFiles.texts().stream().map(ProjectFiles.ROOT::relativize).map(Path::toString))
        .contains(
            "README.md",
            "faultline",
            ".ci/run",
            "docs/handover.pml",
            "proto/src/main/proto/faultline.proto",
            "tests/pom.xml",
            "tests/src/benchmark/c/floor.c")
        .noneMatch(name -> name.contains("target/") || name.startsWith(".git"));
  }

  @ParameterizedTest
  @CsvSource({
    "'// the page behind it', 1, behind",
    "'ready\n/** Behind RUN. */', 2, Behind",
    "'a\nb\n * whose the\n * VM is', 3, 'whose the * VM'",
    "'// it did not come\n// to pass', 1, 'come // to pass'",
    "'# told to a person', 1, a person",
    "'peers that were turned away', 1, turned away"
  })
  void listedWordIsFoundWithItsLine(String text, int line, String words) {
    assertThat(check("File.java", text, List.of()))
        .singleElement()
        .asString()
        .startsWith("File.java:" + line + ": '" + words + "'");
  }

  @Test
  void findingSaysWhatToWriteInstead() {
    assertThat(check("a.md", "started anew", List.of()))
        .containsExactly("a.md:1: 'anew': write 'again'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"void lieBehindRun()", "RESUME_BEHIND_RUN", "a personal key", "renewed"})
  void partsOfOtherWordsAreNotFound(String text) {
    assertThat(check("File.java", text, List.of())).isEmpty();
  }

  @Test
  void allowedWordsAreNotFound() {
    assertThat(check("File.java", "a host behind NAT", List.of("behind"))).isEmpty();
  }

  private static List<String> check(String name, String text, List<String> allowed) {
    List<String> found = new ArrayList<>();
    for (Entry entry : ENTRIES) {
      entry
          .pattern()
          .matcher(text)
          .results()
          .filter(match -> !allowed.contains(match.group()))
          .forEach(
              match ->
                  found.add(
                      "%s:%d: '%s': write '%s'"
                          .formatted(
                              name,
                              1
                                  + text.substring(0, match.start())
                                      .chars()
                                      .filter(c -> c == '\n')
                                      .count(),
                              match.group().replaceAll("\\s+", " "),
                              entry.instead())));
    }
    return found;
  }
}
