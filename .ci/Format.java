import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Holds every Java file of the checkout to google-java-format. Run by the build on JDK 25: {@code
 * check} names the files that differ and fails, {@code fix} rewrites them.
 */
public final class Format {
  public static void main(String[] args) throws Exception {
    boolean fix = args[0].equals("fix");
    List<Path> files;
    try (var walk = Files.walk(Path.of(args[1]))) {
      files = walk.filter(Format::isSource).sorted().toList();
    }
    int different = 0;
    for (Path file : files) {
      String before = Files.readString(file);
      String after = format(file, before);
      if (before.equals(after)) {
        continue;
      }
      if (fix) {
        Files.writeString(file, after);
      } else {
        System.err.println("not formatted: " + file);
      }
      different++;
    }
    if (different > 0 && !fix) {
      System.err.println("run: mvn -N process-sources -Dformat=fix");
      System.exit(1);
    }
    System.out.println(files.size() + " files, " + different + (fix ? " rewritten" : " differ"));
  }

  private static boolean isSource(Path file) {
    String name = file.toString();
    return name.endsWith(".java") && !name.contains("/target/");
  }

  private static String format(Path file, String text) throws IOException {
    try {
      return new Formatter()
          .formatSourceAndFixImports(RemoveUnusedImports.removeUnusedImports(text));
    } catch (Exception e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }
}
