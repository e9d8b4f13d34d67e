/**
 * The handover protocol as a model: {@code HandoverModelTest} has Spin check docs/handover.pml in
 * every interleaving.
 */
@NullMarked
package io.faultline.tests.model;

import org.jspecify.annotations.NullMarked;
