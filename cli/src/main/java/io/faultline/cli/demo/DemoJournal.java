package io.faultline.cli.demo;

import io.faultline.source.journal.Journals;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The journal of the demo's source, by which another source continues when that one was killed.
 *
 * @param directory for the journal of one migration
 */
record DemoJournal(Path directory) {
  /** Arguments of the first source. */
  List<String> arguments() {
    return List.of("--journal=" + directory);
  }

  /**
   * Arguments of the source that replaces a killed one.
   *
   * @param forEachSource arguments of each source
   */
  List<String> resumeArguments(List<String> forEachSource) throws IOException {
    List<Path> found = new Journals(directory).files();
    if (found.isEmpty()) {
      throw new IOException("the source was killed and left no journal in " + directory);
    }
    String name = String.valueOf(found.getFirst().getFileName());
    List<String> arguments = new ArrayList<>(forEachSource);
    arguments.add("--resume=" + name.substring(0, name.indexOf('.')));
    arguments.addAll(arguments());
    return arguments;
  }
}
