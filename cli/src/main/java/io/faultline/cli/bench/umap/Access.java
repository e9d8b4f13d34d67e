package io.faultline.cli.bench.umap;

import java.util.List;
import java.util.Locale;

/** What pfbenchmark does with one word of each page that it accesses. */
enum Access {
  WRITE("write", "sequential writes", List.of()),
  READ("read", "random reads", List.of("--noinit", "--shuffle")),
  MODIFY("readmodifywrite", "random read-modify-writes", List.of("--noinit", "--shuffle"));

  /** Of the names of the programs. */
  static final String PREFIX = "pfbenchmark-";

  private final String suffix;
  private final String title;

  @SuppressWarnings("ImmutableEnumChecker") // List.of has no setters
  private final List<String> options;

  Access(String suffix, String title, List<String> options) {
    this.suffix = suffix;
    this.title = title;
    this.options = options;
  }

  /** The name of the program, which decides what it does. */
  String program() {
    return PREFIX + suffix;
  }

  String title() {
    return title;
  }

  List<String> options() {
    return options;
  }

  /** Whether it needs a file with contents; otherwise it creates the file. */
  boolean needsFile() {
    return this != WRITE;
  }

  /** The name of our case. */
  String caseName() {
    return "access-" + name().toLowerCase(Locale.ROOT);
  }
}
