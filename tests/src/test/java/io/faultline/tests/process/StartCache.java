package io.faultline.tests.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How the JVM of a command is set up for tests, of which most last as long as it takes to start it:
 * compiled once and at once, with the smallest collector, and with the AOT cache that the launcher
 * makes, too. The cache is made once for a jar, and is beside it.
 */
final class StartCache {
  private static final List<String> FAST =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "-XX:-UsePerfData", // a killed JVM would leave its file in /tmp
          "-XX:+UseSerialGC");

  private static final String COMPILE_ONCE = "-XX:TieredStopAtLevel=1";

  private static final long LIMIT_SECONDS = 120;

  private StartCache() {}

  /**
   * The options of a command's JVM.
   *
   * @param encrypts whether it needs the compiler that knows the processor's own AES
   */
  static List<String> options(boolean encrypts) {
    List<String> options = new ArrayList<>(Once.OPTIONS);
    if (!encrypts) {
      options.add(COMPILE_ONCE);
    }
    return options;
  }

  /** The first to ask makes it, if need be. */
  private static final class Once {
    static final List<String> OPTIONS = find();

    private static List<String> find() {
      Path jar = Jar.find();
      Path cache = jar.resolveSibling(jar.getFileName() + ".tests.aot");
      List<String> options = new ArrayList<>(FAST);
      try {
        if (isMade(jar, cache)) {
          // A cache that this JVM cannot use is not worth a word: the command runs without.
          options.addAll(List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off"));
        }
        return List.copyOf(options);
      } catch (IOException e) {
        throw new UncheckedIOException("the AOT cache " + cache, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while the AOT cache was made", e);
      }
    }
  }

  /** One process at a time: who comes second waits here, and then finds it made. */
  private static boolean isMade(Path jar, Path cache) throws IOException, InterruptedException {
    Path lock = cache.resolveSibling(cache.getFileName() + ".lock");
    try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var held = channel.lock()) {
      return held.isValid() && (isCurrent(jar, cache) || make(jar, cache));
    }
  }

  private static boolean isCurrent(Path jar, Path cache) throws IOException {
    return Files.exists(cache)
        && Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar)) > 0;
  }

  private static boolean make(Path jar, Path cache) throws IOException, InterruptedException {
    Path fresh = cache.resolveSibling(cache.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    List<String> command = new ArrayList<>(List.of(Jar.java().toString()));
    command.addAll(FAST);
    command.add(COMPILE_ONCE);
    command.addAll(List.of("-XX:AOTCacheOutput=" + fresh, "-jar", jar.toString(), "train"));
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    if (!Files.exists(fresh)) {
      System.out.println("commands start without an AOT cache: none was made");
      return false;
    }
    Files.move(fresh, cache, StandardCopyOption.REPLACE_EXISTING);
    return true;
  }
}
