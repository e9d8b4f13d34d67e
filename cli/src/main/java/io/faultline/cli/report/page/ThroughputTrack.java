package io.faultline.cli.report.page;

import io.faultline.cli.recording.DestinationSide;
import io.faultline.cli.recording.Samples;
import io.faultline.cli.svg.Svg;
import io.faultline.dest.recording.TimeBuckets;
import io.faultline.dest.recording.Way;
import java.util.ArrayList;
import java.util.List;

/** Page data over time, by its way, stacked. */
final class ThroughputTrack implements Track {
  private static final double HEIGHT = 84;
  private static final double BIN_PIXELS = 4;
  private static final double NANOS_PER_SECOND = 1e9;

  private final String subtitle;
  private final List<Layer> layers;
  private final double most;

  /** Bytes in each bin. */
  private record Layer(String style, Bins bins) {}

  private ThroughputTrack(String subtitle, List<Layer> layers) {
    this.subtitle = subtitle;
    this.layers = layers;
    double highest = 1;
    Bins first = layers.getFirst().bins;
    for (int bin = 0; bin < first.count(); bin++) {
      highest = Math.max(highest, rate(bin, layers.size()));
    }
    most = Units.niceBytes(highest);
  }

  /** What arrived at the destination. */
  static ThroughputTrack arriving(DestinationSide side, TimeAxis axis) {
    List<Layer> layers = new ArrayList<>();
    for (Way way : List.of(Way.PRECOPY, Way.BACKGROUND, Way.PREFETCHED, Way.URGENT)) {
      Bins bins = new Bins(axis, BIN_PIXELS);
      if (way.ordinal() < side.events().arrived().size()) {
        for (TimeBuckets.Series series : side.events().arrived().get(way.ordinal())) {
          bins.add(series, (double) side.pageBytes());
        }
      }
      layers.add(new Layer("area w-" + Ways.style(way), bins));
    }
    return new ThroughputTrack("page data arriving", layers);
  }

  /** What the source sent. */
  static ThroughputTrack sent(Samples samples, TimeAxis axis) {
    return sampled("sent", samples, axis);
  }

  /** What was placed in restored processes. */
  static ThroughputTrack placed(Samples samples, TimeAxis axis) {
    return sampled("pages placed", samples, axis);
  }

  private static ThroughputTrack sampled(String what, Samples samples, TimeAxis axis) {
    Bins bins = new Bins(axis, BIN_PIXELS);
    for (int i = 1; i < samples.size(); i++) {
      double bytes = samples.bytesSent()[i] - (double) samples.bytesSent()[i - 1];
      bins.add(samples.nanos()[i - 1], samples.nanos()[i], bytes);
    }
    return new ThroughputTrack(what, List.of(new Layer("area w-background", bins)));
  }

  @Override
  public String title() {
    return "Throughput";
  }

  @Override
  public String subtitle() {
    return subtitle;
  }

  @Override
  public double height() {
    return HEIGHT;
  }

  @Override
  public void draw(Svg svg, TimeAxis axis, double top) {
    svg.group("mark", "throughput");
    Scale.draw(svg, top, HEIGHT, most, Units.bytes(most) + "/s");
    for (int layer = 0; layer < layers.size(); layer++) {
      svg.path(layers.get(layer).style, area(layer, top));
    }
    svg.endGroup();
  }

  /** A bar for each bin, on top of the layers below. */
  private String area(int layer, double top) {
    Bins bins = layers.get(layer).bins;
    StringBuilder path = new StringBuilder();
    for (int bin = 0; bin < bins.count(); bin++) {
      if (bins.get(bin) <= 0) {
        continue;
      }
      double low = y(top, rate(bin, layer));
      double high = y(top, rate(bin, layer + 1));
      path.append('M').append(Svg.n(bins.x(bin))).append(' ').append(Svg.n(high));
      path.append('H').append(Svg.n(bins.x(bin + 1))).append('V').append(Svg.n(low));
      path.append('H').append(Svg.n(bins.x(bin))).append('z');
    }
    return path.toString();
  }

  /** Bytes per second of the first layers together. */
  private double rate(int bin, int count) {
    double bytes = 0;
    for (Layer layer : layers.subList(0, count)) {
      bytes += layer.bins.get(bin);
    }
    return bytes / layers.getFirst().bins.binNanos() * NANOS_PER_SECOND;
  }

  private double y(double top, double rate) {
    return top + HEIGHT * (1 - rate / most);
  }
}
