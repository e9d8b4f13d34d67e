package io.faultline.dest;

import io.faultline.proto.Hellos;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.Region;
import io.faultline.proto.wire.VmDescription;
import java.util.ArrayList;
import java.util.List;

/** Checks the regions that a source announces against the limits. */
final class AnnouncementValidator {
  private static final int MAX_REGIONS = 1024;
  private static final int MAX_NAME_CHARS = 64;
  private static final long MAX_REGION_BYTES = 1L << 46;
  private static final long MIN_PAGE_BYTES = 4096;
  private static final long MAX_PAGE_BYTES = 1L << 30;

  private AnnouncementValidator() {}

  static List<AnnouncedRegion> check(VmDescription description) throws WireException {
    if (description.getRegionsCount() < 1 || description.getRegionsCount() > MAX_REGIONS) {
      throw new WireException("a VM with " + description.getRegionsCount() + " regions");
    }
    List<AnnouncedRegion> regions = new ArrayList<>();
    for (Region region : description.getRegionsList()) {
      regions.add(check(region, regions.size()));
    }
    return regions;
  }

  private static AnnouncedRegion check(Region region, int expectedId) throws WireException {
    long page = region.getPageBytes();
    long size = region.getSizeBytes();
    if (region.getId() != expectedId) {
      throw new WireException("region " + region.getId() + " instead of region " + expectedId);
    }
    if (region.getName().length() > MAX_NAME_CHARS) {
      throw new WireException("a region name of " + region.getName().length() + " characters");
    }
    if (page < MIN_PAGE_BYTES || page > MAX_PAGE_BYTES || Long.bitCount(page) != 1) {
      throw new WireException("region " + expectedId + " has pages of " + page + " bytes");
    }
    if (size <= 0 || size > MAX_REGION_BYTES || size % page != 0) {
      throw new WireException(
          "region " + expectedId + " has " + size + " bytes in pages of " + page);
    }
    return new AnnouncedRegion(expectedId, Hellos.printable(region.getName()), size, page);
  }
}
