package io.faultline.memory.limits;

import io.faultline.uffd.host.SystemFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The promises of all processes, each a file in one directory. */
final class PromiseFiles {
  private static final String SUFFIX = ".memory";

  private final Path directory;
  private final SystemFiles files;

  PromiseFiles(Path directory, SystemFiles files) {
    this.directory = directory;
    this.files = files;
  }

  /** The promises of living processes; removes all others. */
  List<Promise> living() throws IOException {
    List<Promise> found = new ArrayList<>();
    try (Stream<Path> list = Files.list(directory)) {
      for (Path file : list.filter(each -> each.toString().endsWith(SUFFIX)).toList()) {
        Optional<Promise> promise = read(file);
        if (promise.isPresent() && promise.get().isAlive(files)) {
          found.add(promise.get());
        } else {
          delete(file);
        }
      }
    }
    return found;
  }

  private static Optional<Promise> read(Path file) throws IOException {
    try {
      return PromiseText.parse(Files.readString(file));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // it has just ended
    }
  }

  /** The file of a new promise. */
  Path add(Promise promise) throws IOException {
    Path file = directory.resolve(promise.process() + "-" + System.nanoTime() + SUFFIX);
    replace(file, promise);
    return file;
  }

  /** No reader sees half of it. */
  void replace(Path file, Promise promise) throws IOException {
    Path next = Path.of(file + ".new");
    Files.writeString(next, PromiseText.of(promise));
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }

  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // it ends with this process at the latest
    }
  }
}
