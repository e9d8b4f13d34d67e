package io.faultline.cli.bench.criu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A source host and one or more destination hosts on this machine, each connected with the source.
 * Closing it ends everything in them and deletes their files. Several labs do not disturb each
 * other. Confined to the caller's thread.
 */
public final class CriuLab implements AutoCloseable {
  private final Path directory;
  private final LabPrograms programs;
  private final StockPrograms stock;
  private final List<Host> hosts = new ArrayList<>();
  private final List<DestinationHost> destinations = new ArrayList<>();
  private @Nullable SourceHost source;

  private CriuLab(Path directory, LabPrograms programs, StockPrograms stock) {
    this.directory = directory;
    this.programs = programs;
    this.stock = stock;
  }

  /**
   * Sets up the hosts.
   *
   * @param directory where a directory for the files of this lab is created
   * @param destinationCount from 1 to 200
   * @throws LabUnavailableException if this machine or this user cannot
   */
  public static CriuLab open(
      Path directory, LabPrograms programs, StockPrograms stock, int destinationCount)
      throws IOException, InterruptedException, LabUnavailableException {
    if (destinationCount < 1 || destinationCount > 200) {
      throw new IllegalArgumentException("destinationCount " + destinationCount + ": 1 to 200");
    }
    if (!Files.isWritable(Path.of("/proc/sys/kernel/ns_last_pid"))) {
      throw new LabUnavailableException("moving processes with CRIU needs root");
    }
    Path own = Files.createTempDirectory(directory, "lab");
    CriuLab lab = new CriuLab(own, programs, stock);
    PipeSizeLimit.raise();
    try {
      lab.setUp(destinationCount);
      return lab;
    } catch (IOException | InterruptedException | LabUnavailableException e) {
      lab.close();
      throw e;
    }
  }

  private void setUp(int destinationCount)
      throws IOException, InterruptedException, LabUnavailableException {
    Host first = addHost();
    source =
        new SourceHost(first, Files.createDirectory(directory.resolve("source")), programs, stock);
    for (int i = 1; i <= destinationCount; i++) {
      Host host = addHost();
      String sourceAddress = "10.77." + i + ".1";
      String address = "10.77." + i + ".2";
      Host.connect(first, sourceAddress, "veth" + i, host, address);
      Path own = Files.createDirectory(directory.resolve("destination" + i));
      destinations.add(new DestinationHost(host, sourceAddress, address, own, programs, stock));
    }
  }

  private Host addHost() throws IOException, LabUnavailableException {
    Host host = Host.create();
    hosts.add(host);
    return host;
  }

  /** The source. */
  public SourceHost source() {
    if (source == null) {
      throw new IllegalStateException("not set up");
    }
    return source;
  }

  /** The only destination, or the first. */
  public DestinationHost destination() {
    return destinations.getFirst();
  }

  /** All destinations. */
  public List<DestinationHost> destinations() {
    return List.copyOf(destinations);
  }

  @Override
  public void close() {
    hosts.forEach(Host::close);
    try {
      PipeSizeLimit.giveBack();
      delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> walk = Files.walk(directory)) {
      for (Path each : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
