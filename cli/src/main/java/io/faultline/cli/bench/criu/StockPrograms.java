package io.faultline.cli.bench.criu;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * CRIU and redis as {@code tests/criu/get-criu.sh} unpacks them, or as they are installed.
 *
 * @param directories where programs are looked for, in order
 */
public record StockPrograms(List<Path> directories) {
  private static final Path SCRIPT = Path.of("tests", "criu", "get-criu.sh");
  private static final Path FOLDER = Path.of("target", "criu");

  /**
   * Finds them; CRIU is among them.
   *
   * @throws LabUnavailableException if there is no CRIU
   */
  public static StockPrograms find() throws LabUnavailableException {
    List<Path> directories = new ArrayList<>();
    Optional<Path> project = project();
    project.ifPresent(root -> directories.add(root.resolve(FOLDER).resolve("bin")));
    String path = System.getenv().getOrDefault("PATH", "/usr/sbin:/usr/bin");
    Stream.of(path.split(":", -1)).map(Path::of).forEach(directories::add);
    StockPrograms programs = new StockPrograms(List.copyOf(directories));
    if (programs.find("criu").isEmpty()) {
      throw new LabUnavailableException(
          "no stock CRIU: " + reason(FOLDER).orElse("run " + SCRIPT + ", or install criu"));
    }
    return programs;
  }

  /**
   * Finds the CRIU of a Debian suite, as the script unpacks it.
   *
   * @param suite such as {@code trixie}
   * @throws LabUnavailableException if it is not there
   */
  public static StockPrograms ofSuite(String suite) throws LabUnavailableException {
    Path folder = FOLDER.resolveSibling("criu-" + suite);
    StockPrograms programs =
        new StockPrograms(
            project().map(root -> root.resolve(folder).resolve("bin")).stream().toList());
    if (programs.find("criu").isEmpty()) {
      throw new LabUnavailableException(
          "no CRIU of " + suite + ": " + reason(folder).orElse("run " + SCRIPT + " " + suite));
    }
    return programs;
  }

  /**
   * A program.
   *
   * @throws LabUnavailableException if it is not there
   */
  public Path program(String name) throws LabUnavailableException {
    return find(name)
        .orElseThrow(() -> new LabUnavailableException("no " + name + ": run " + SCRIPT));
  }

  private Optional<Path> find(String name) {
    return directories.stream()
        .map(directory -> directory.resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** What the script has written when it failed. */
  private static Optional<String> reason(Path folder) {
    Path file = project().orElse(Path.of("/")).resolve(folder + ".reason");
    try {
      return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The directory of the project, above this program's jar or the working directory. */
  private static Optional<Path> project() {
    List<Path> starts = new ArrayList<>(List.of(Path.of("").toAbsolutePath()));
    try {
      var source = StockPrograms.class.getProtectionDomain().getCodeSource();
      if (source != null) {
        starts.add(Path.of(source.getLocation().toURI()));
      }
    } catch (URISyntaxException e) {
      // a jar with a strange name: the working directory has to do
    }
    for (Path start : starts) {
      for (Path at = start; at != null; at = at.getParent()) {
        if (Files.isExecutable(at.resolve(SCRIPT))) {
          return Optional.of(at);
        }
      }
    }
    return Optional.empty();
  }
}
