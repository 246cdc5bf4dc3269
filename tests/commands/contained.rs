//! The image that the Dockerfile makes, as far as it can be made where nothing can be pulled (`scripts/image`), and the
//! compose files as docker-compose reads them.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::program;
use crate::harness::proof::Proof;

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The binary that goes into the image: this build's without what only a debugger reads, or the release.
fn binary(folder: &Path) -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_bantin"));
    if std::env::var("BANTIN_IMAGE_BINARY").is_ok_and(|which| which == "release") {
        return built.parent().and_then(Path::parent).expect("a target folder").join("release/bantin");
    }
    let lean = folder.join("bantin");
    let stripped = Command::new("strip").arg("-o").arg(&lean).arg(built).status();
    assert!(stripped.is_ok_and(|status| status.success()), "strip");
    lean
}

#[test]
fn the_image_is_made_and_runs_without_privileges() {
    let proof = Proof::new("the image: every step of the Dockerfile, run without privileges on a read-only root");
    if let Some(missing) = ["buildah", "bwrap", "jq", "curl", "strip"].iter().find(|name| program(name).is_none()) {
        return proof.skipped(&format!("{missing} is not installed"));
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(project().join("scripts/image"));
    let is_full = std::env::var("BANTIN_IMAGE_BINARY").is_ok_and(|which| which == "release");
    command.args((!is_full).then_some("--short")).arg(binary(folder.path()));
    let output = command.output().expect("scripts/image");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if err.contains("run it as root") {
        return proof.skipped("this user may not set up mounts");
    }
    assert!(output.status.success(), "{out}{err}");
    for told in ["image_dependency_layer cached", "image_compressed ", "image_runs as 65532:65532"] {
        assert!(out.contains(told) || (!is_full && told.contains("cached")), "{told}: {out}{err}");
    }
    println!("{out}");
    proof.ran(out.lines().count(), "figures");
}

#[test]
fn docker_compose_reads_the_files() {
    if program("docker-compose").is_none() {
        println!("SKIPPED: docker-compose is not installed");
        return;
    }
    for file in ["alone", "instances"] {
        let file = project().join(format!("contrib/compose/{file}.yaml"));
        let output = Command::new("docker-compose").arg("-f").arg(&file).args(["config", "-q"]).output().unwrap();
        assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    }
}
