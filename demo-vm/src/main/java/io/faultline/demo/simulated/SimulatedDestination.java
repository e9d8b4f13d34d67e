package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.incoming.DemoDestination;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Kernel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A simulated VM as an incoming migration sees it. */
public final class SimulatedDestination extends DemoDestination<SimulatedVm> {
  private final Kernel kernel;

  /** With the source's backing; a named file becomes nameless. */
  public SimulatedDestination(Kernel kernel) {
    this(kernel, null);
  }

  /**
   * @param backing of the memory here; null for the source's
   */
  public SimulatedDestination(Kernel kernel, @Nullable Backing backing) {
    super(kernel, SimulatedSource.TYPE, backing);
    this.kernel = kernel;
  }

  /** The backing of a VM's memory at the source. */
  public static Backing sourceBacking(ByteString configuration)
      throws InvalidProtocolBufferException {
    return SimulatedVmConfig.parse(configuration).backing();
  }

  @Override
  protected SimulatedVm build(ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException, InvalidProtocolBufferException {
    SimulatedVmConfig config = SimulatedVmConfig.parse(configuration);
    Backing backing = backingFor(config.backing());
    requireRegions(announced, config, backing);
    return SimulatedVm.prepare(kernel, config, backing);
  }

  private void requireRegions(
      List<AnnouncedRegion> announced, SimulatedVmConfig config, Backing backing)
      throws IncomingVmException {
    if (announced.size() != 1 || announced.getFirst().id() != 0) {
      throw new IncomingVmException(
          "a simulated VM has one region, with id 0; announced: " + announced);
    }
    AnnouncedRegion ram = announced.getFirst();
    if (ram.sizeBytes() != config.ramBytes()) {
      throw new IncomingVmException(
          "RAM of " + config.ramBytes() + " bytes was announced as " + ram.sizeBytes());
    }
    long configured = kernel.pageSizeBytes(config.backing().pageSize());
    long here = kernel.pageSizeBytes(backing.pageSize());
    if (ram.pageBytes() != configured || ram.pageBytes() != here) {
      throw new IncomingVmException(
          String.format(
              "the source has pages of %d bytes (%s), here they are of %d bytes (%s);"
                  + " choose the same backing on both sides",
              ram.pageBytes(), config.backing(), here, backing));
    }
  }

  /** The VM's MMU refuses lost pages: the SIGBUS of a poisoned one would end the JVM. */
  @Override
  public boolean lose(List<PageBitmap> lost) {
    prepared().lose(lost.getFirst());
    return true;
  }

  @Override
  public boolean isClearOfLost() {
    return prepared().isClearOfLost();
  }
}
