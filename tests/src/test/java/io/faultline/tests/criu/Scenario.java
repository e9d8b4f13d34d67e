package io.faultline.tests.criu;

import java.util.List;

/**
 * What a process does while its memory is on the way.
 *
 * @see io.faultline.cli.bench.criu.LabPrograms#memoryServer
 */
enum Scenario {
  /** Each discard is an event of its own, with requests in flight around it. */
  DISCARD_ONE_PAGE_AT_A_TIME(List.of(), List.of("SWEEP 8 200")),
  MOVE_FOUR_PAGES_AT_A_TIME(List.of(), List.of("MSWEEP 16 4 200")),
  /** Event lengths of more than 32 bits. */
  DISCARD_FIVE_GIB(List.of("sparse=5"), List.of("BIGDN", "CHECK")),
  UNMAP_FIVE_GIB(List.of("sparse=5"), List.of("BIGUN", "CHECK")),
  /** The head of a range is gone when the data for the whole range arrives. */
  DISCARD_HEADS_OF_RANGES(List.of(), List.of("DNHEAD 32")),
  /** A range is split by its second half moving elsewhere. */
  MOVE_SLICES(List.of(), List.of("MSPLIT 64")),
  FORK(List.of(), List.of("FORK")),
  FORK_AFTER_MOVES(List.of(), List.of("MSPLIT 16", "DNHEAD 8", "FORK")),
  THREADS(List.of("threads=4"), List.of("WRITE", "MREMAP", "DONTNEED", "UNMAP", "FORK")),
  TRANSPARENT_HUGE_PAGES(List.of("huge"), List.of("SWEEP 64 200", "FORK")),
  /** It is in the images, and restored at once. */
  SHARED_MEMORY(List.of("shared=4"), List.of("FORK", "CHECK")),
  FRAGMENTS(List.of("fragmented"), List.of("RAND 100 1", "FORK"));

  @SuppressWarnings("ImmutableEnumChecker") // List.of has no setters
  private final List<String> options;

  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> commands;

  Scenario(List<String> options, List<String> commands) {
    this.options = options;
    this.commands = commands;
  }

  /** Options of the memory server. */
  String[] options() {
    return options.toArray(String[]::new);
  }

  /** What it is asked to do right after its start at the destination. */
  List<String> commands() {
    return commands;
  }
}
