/** Drawings for the HTML reports: {@link io.faultline.cli.svg.Svg}. */
@NullMarked
package io.faultline.cli.svg;

import org.jspecify.annotations.NullMarked;
