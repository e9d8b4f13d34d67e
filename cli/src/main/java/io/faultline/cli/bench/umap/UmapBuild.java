package io.faultline.cli.bench.umap;

import io.faultline.cli.options.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A build of umap: its library and the programs that came with it.
 *
 * @param files the absolute path of each, by its name
 */
record UmapBuild(Map<String, Path> files) {
  private static final int DEPTH = 6;
  private static final String LIBRARY = "libumap.so";

  UmapBuild {
    files = Map.copyOf(files);
  }

  /**
   * Finds one in a directory and below: the build directory, or what was installed from it.
   *
   * @throws UsageException if something is missing there
   */
  static UmapBuild find(Path directory) {
    Map<String, Path> found = new TreeMap<>();
    if (Files.isDirectory(directory)) {
      try (Stream<Path> walk = Files.walk(directory.toAbsolutePath(), DEPTH)) {
        walk.filter(UmapBuild::isProgram)
            .forEach(file -> found.putIfAbsent(file.getFileName().toString(), file));
      } catch (IOException | UncheckedIOException e) {
        throw new UsageException("--umap " + directory + ": " + e.getMessage());
      }
    }
    require(directory, found, LIBRARY);
    require(directory, found, SortCase.PROGRAM);
    for (Access access : Access.values()) {
      require(directory, found, access.program());
    }
    return new UmapBuild(found);
  }

  private static boolean isProgram(Path file) {
    String name = file.getFileName().toString();
    boolean library = name.equals(LIBRARY);
    return (library || name.equals(SortCase.PROGRAM) || name.startsWith(Access.PREFIX))
        && Files.isRegularFile(file)
        && (library || Files.isExecutable(file));
  }

  private static void require(Path directory, Map<String, Path> found, String name) {
    if (!found.containsKey(name)) {
      throw new UsageException(
          "--umap "
              + directory
              + ": no "
              + name
              + " there; name the directory in which you built umap (github.com/LLNL/umap, with"
              + " OpenMP)");
    }
  }

  /** The path of a program. */
  Path program(String name) {
    Path program = files.get(name);
    if (program == null) {
      throw new IllegalArgumentException(name + " is not one of umap's programs");
    }
    return program;
  }

  /** The directory of its library, for LD_LIBRARY_PATH. */
  Path libraryDirectory() {
    Path library = program(LIBRARY).getParent();
    if (library == null) {
      throw new IllegalStateException("an absolute path has a parent");
    }
    return library;
  }
}
