"""Reads YAML files and judges the Kubernetes and Dapr resources in them, for tests that have no YAML parser of their own.

Usage: manifests.py <folder of schemas> <Kubernetes version>,... <file>...
Prints {"documents": [...], "problems": [...]}. What is no resource (no apiVersion) is read and not judged.
"""
import json
import sys
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(file):
    return [document for document in yaml.load_all(Path(file).read_text(), Loader) if document]


def strict(schema):
    """An openAPIV3Schema as JSON schema that refuses fields it does not name, as the API server would drop them silently."""
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    result = {key: value for key, value in schema.items() if not key.startswith("x-kubernetes")}
    if "properties" in result:
        result["properties"] = {name: strict(value) for name, value in result["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            result.setdefault("additionalProperties", False)
    for key in ("items", "additionalProperties"):
        if key in result:
            result[key] = strict(result[key])
    return result


def custom_resources(folder):
    """The schema of each custom resource by apiVersion and kind."""
    definitions = [document for file in Path(folder, "crds").glob("*.yaml") for document in read(file)]
    return {
        (f"{definition['spec']['group']}/{version['name']}", definition["spec"]["names"]["kind"]): strict(version["schema"]["openAPIV3Schema"])
        for definition in definitions
        for version in definition["spec"]["versions"]
    }


def components(folder):
    """What each Dapr component says of its own fields, by type and version."""
    described = [document for file in Path(folder, "components").glob("*.yaml") for document in read(file)]
    return {(f"{one['type']}.{one['name']}", one["version"]): one for one in described}


def component_problems(document, known):
    """Dapr ignores the fields of a component that it does not know; a misspelt one would go unnoticed."""
    spec = document["spec"]
    described = known.get((spec["type"], spec["version"]))
    if described is None:
        return [f"there is no component {spec['type']} {spec['version']}"]
    profiles = described.get("authenticationProfiles", []) + described.get("builtinAuthenticationProfiles", [])
    fields = {}
    for field in [field for part in (described, *profiles) for field in part.get("metadata", [])]:
        fields.setdefault(field["name"], set()).update(field.get("allowedValues", []))
    given = {item["name"]: item for item in spec["metadata"]}
    required = [field["name"] for field in described.get("metadata", []) if field.get("required")]
    problems = [f"{name} is required" for name in required if name not in given]
    for name, item in given.items():
        if name == "actorStateStore" and described["type"] == "state":
            continue
        if name not in fields:
            problems.append(f"{spec['type']} has no {name}")
            continue
        if "value" in item and fields[name] and item["value"] not in fields[name]:
            problems.append(f"{name} cannot be {item['value']}")
    return problems


def kubernetes_problems(document, versions):
    for version in versions:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.SchemaNotFoundError as error:
            yield error.message
        except jsonschema.ValidationError as error:
            yield f"{'.'.join(map(str, error.absolute_path))}: {error.message} ({version})"


def problems_of(document, custom, known, versions):
    schema = custom.get((document["apiVersion"], document["kind"]))
    if schema is None:
        return kubernetes_problems(document, versions)
    errors = jsonschema.Draft202012Validator(schema).iter_errors(document)
    problems = [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]
    if document["kind"] == "Component" and not problems:
        problems = component_problems(document, known)
    return problems


def main(folder, versions, *files):
    documents = [document for file in files for document in read(file)]
    resources = [document for document in documents if "apiVersion" in document and "metadata" in document]
    custom, known = (custom_resources(folder), components(folder)) if resources else ({}, {})
    problems = [
        f"{resource['kind']} {resource['metadata']['name']}: {problem}"
        for resource in resources
        for problem in problems_of(resource, custom, known, versions.split(","))
    ]
    json.dump({"documents": documents, "problems": problems}, sys.stdout)


main(*sys.argv[1:])
