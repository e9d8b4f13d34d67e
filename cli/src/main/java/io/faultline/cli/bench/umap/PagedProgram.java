package io.faultline.cli.bench.umap;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One of umap's programs, with what it works on; all of them have the same options.
 *
 * @param options in addition to those that are computed
 * @param uncached whether the file exists, and is dropped from the page cache before
 */
record PagedProgram(
    Path program, List<String> options, UmapSettings.Size size, Path file, boolean uncached) {
  private static final int THREADS = 2;

  /**
   * The command.
   *
   * @param pageBytes what the program thinks that umap's pages have
   */
  List<String> command(long pageBytes) {
    List<String> command = new ArrayList<>(List.of(program.toString(), "-f", file.toString()));
    command.addAll(List.of("-p", Long.toString(size.dataBytes() / pageBytes)));
    command.addAll(List.of("-t", Integer.toString(THREADS)));
    command.addAll(options);
    return command;
  }

  Optional<Path> uncachedFile() {
    return uncached ? Optional.of(file) : Optional.empty();
  }
}
