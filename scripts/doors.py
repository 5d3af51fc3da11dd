"""A kind of import-linter contract of our own: modules of one package that do not know each other."""

from grimp import ImportGraph
from importlinter import ContractCheck
from importlinter.contracts.independence import IndependenceContract


class SiblingsContract(IndependenceContract):
    """Siblings do not import each other; what they share lies in a sibling with a leading underscore.

    Takes the options of import-linter's independence contract. A private sibling may be imported by
    the others, and imports none of them back.
    """

    type_name = "siblings"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Check `graph` (a copy made for this contract) without the imports of private modules."""
        for module in graph.modules:
            if any(part.startswith("_") and part != "__main__" for part in module.split(".")):
                for importer in graph.find_modules_that_directly_import(module):
                    graph.remove_import(importer=importer, imported=module)
        return super().check(graph, verbose)
